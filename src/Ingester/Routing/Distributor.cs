using Deucalion.Common.Contracts;
using Deucalion.Common.Limits;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Partitions;
using Deucalion.Ingester.Push;

namespace Deucalion.Ingester.Routing;

/// <summary>
/// Validates a batch, splits it by partition, asks the partitions' actors and joins their answers. Keeps no samples; thread-safe.
/// </summary>
internal sealed class Distributor(TenantRoutes routes, IPartitionAppends partitions, ITenantLimits limits, PushMetrics metrics) : IDistributor
{
    /// <inheritdoc/>
    public async ValueTask<WriteOutcome> WriteAsync(TenantId tenant, WriteBatch batch, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        metrics.Received(batch);
        if (!routes.IsLoaded)
        {
            metrics.Written(0, 0, failed: true);
            return new WriteOutcome { Stored = 0, Rejected = 0, RejectionMessage = string.Empty, RetryableFailure = "the ingester is starting" };
        }

        var rejections = new Rejections();
        var route = routes.Of(tenant);
        using var plan = WritePlan.Build(batch, route.Width, new SampleValidator(tenant, limits.Of(tenant)), rejections);
        var requests = new List<AppendRequest>(Math.Min(plan.Width, 16));
        for (var place = 0; place < plan.Width; place++)
        {
            // Metadata belongs to the tenant, not to a series: its first partition keeps it.
            var withMetadata = place == 0 && batch.Metadata.Length > 0;
            var series = plan.SeriesAt(place);
            if (series.Length == 0 && !withMetadata)
            {
                continue;
            }

            var request = new AppendRequest { Tenant = tenant, Batch = batch, Series = series, Hashes = plan.HashesAt(place), WithMetadata = withMetadata };
            requests.Add(request);
            partitions.Append(route.Order[place], request);
        }

        // Not cancellable: the partitions read the caller's batch until each has answered.
        int stored = 0, histograms = 0, exemplars = 0;
        string? failure = null;
        foreach (var request in requests)
        {
            var result = await request.Completion;
            stored += result.Stored.Samples;
            histograms += result.Stored.Histograms;
            exemplars += result.Stored.Exemplars;
            failure ??= result.RetryableFailure;
            rejections.Merge(request.Rejections);
        }

        metrics.Written(stored, exemplars, failure is not null);
        metrics.Rejected(tenant, rejections);
        return new WriteOutcome
        {
            Stored = stored,
            StoredHistograms = histograms,
            StoredExemplars = exemplars,
            Rejected = rejections.Total,
            RejectionMessage = rejections.Message(),
            RetryableFailure = failure,
        };
    }
}
