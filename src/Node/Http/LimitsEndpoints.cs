using System.Collections.Concurrent;
using Deucalion.Common.Limits;
using Deucalion.Common.Manifests;
using Deucalion.Common.Tenants;
using Deucalion.Ingester;
using Deucalion.Node.Configuration;
using Deucalion.Node.Hosting;

namespace Deucalion.Node.Http;

/// <summary>
/// <c>GET /api/v1/status/limits</c>: the limits of the tenant that asks. <c>GET /api/v1/admin/tenants</c>: all tenants that this node knows of, for operators.
/// Answers have the shape of Prometheus's API.
/// </summary>
internal static class LimitsEndpoints
{
    private const string TenantHeader = "X-Scope-OrgID";
    private const int BucketRequests = 32;

    private static readonly TimeSpan BucketPatience = TimeSpan.FromSeconds(10);
    private static readonly string[] Prefixes = ["", "/prometheus"];

    /// <summary>Maps the endpoints.</summary>
    /// <param name="endpoints">Where to.</param>
    /// <param name="limits">The limits in force.</param>
    /// <param name="settings">Where they come from.</param>
    /// <param name="ingester">The ingester; null on a node that is none.</param>
    /// <param name="manifests">The tenants of the bucket.</param>
    public static void MapLimits(this IEndpointRouteBuilder endpoints, ReloadableLimits limits, ReloadableSettings settings, IngesterModule? ingester, ManifestStore manifests)
    {
        foreach (var prefix in Prefixes)
        {
            endpoints.MapGet($"{prefix}/api/v1/status/limits", context => AnswerLimitsAsync(context, limits, settings, ingester));
            endpoints.MapGet($"{prefix}/api/v1/admin/tenants", context => AnswerTenantsAsync(context, limits, ingester, manifests));
        }
    }

    private static Task AnswerLimitsAsync(HttpContext context, ReloadableLimits limits, ReloadableSettings settings, IngesterModule? ingester)
    {
        var name = context.Request.Headers[TenantHeader].ToString();
        if (!TenantId.TryParse(name.Length == 0 ? TenantId.Anonymous.Value : name, out var tenant, out var error))
        {
            return ApiAnswer.FailAsync(context, StatusCodes.Status400BadRequest, "bad_data", error);
        }

        var own = limits.Of(tenant);
        var section = settings.Current.Limits;
        var data = new
        {
            tenant = tenant.Value,
            limits = LimitSchema.Keys.ToDictionary(
                static key => key.Name,
                key => new { value = key.Get(own), from = section.OriginOf(tenant, key), raise_in = LimitText.KeyToRaise(tenant, own, key.Limit) }),
            nodes_sharing_the_rate = ingester?.RateShares ?? 1,
        };
        return ApiAnswer.SucceedAsync(context, data);
    }

    private static async Task AnswerTenantsAsync(HttpContext context, ReloadableLimits limits, IngesterModule? ingester, ManifestStore manifests)
    {
        var figures = (ingester?.DescribeTenants() ?? []).ToDictionary(static x => x.Tenant);
        var overridden = limits.Current.Overridden.ToHashSet();
        var names = figures.Keys.Concat(overridden).ToHashSet();
        var found = new ConcurrentDictionary<TenantId, byte>();
        var warnings = new List<string>();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        patience.CancelAfter(BucketPatience);
        try
        {
            // One after the other a bucket far away would take longer than anybody waits for a thousand tenants.
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = BucketRequests, CancellationToken = patience.Token };
            await Parallel.ForEachAsync(manifests.ListTenantsAsync(patience.Token), parallel, async (tenant, cancellationToken) =>
            {
                if (await HasBlocksAsync(manifests, tenant, cancellationToken))
                {
                    found.TryAdd(tenant, default);
                }
            });
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested && e is IOException or UnauthorizedAccessException or OperationCanceledException)
        {
            warnings.Add($"tenants of the bucket are missing: {e.Message}");
        }

        var stored = found.Keys.ToHashSet();
        names.UnionWith(stored);
        var data = names.OrderBy(static tenant => tenant.Value, StringComparer.Ordinal).Select(tenant => new
        {
            tenant = tenant.Value,
            active_series = figures.GetValueOrDefault(tenant)?.ActiveSeries ?? 0,
            samples_per_second = Math.Round(figures.GetValueOrDefault(tenant)?.SamplesPerSecond ?? 0, 1),
            has_blocks = stored.Contains(tenant),
            has_overrides = overridden.Contains(tenant),
        });
        await (warnings.Count > 0 ? ApiAnswer.WriteAsync(context, new { status = "success", data, warnings }) : ApiAnswer.SucceedAsync(context, data));
    }

    /// <summary>The manifests of a tenant that was deleted stay, and list nothing.</summary>
    private static async ValueTask<bool> HasBlocksAsync(ManifestStore manifests, TenantId tenant, CancellationToken cancellationToken)
    {
        await foreach (var manifest in manifests.ListAsync(tenant, cancellationToken))
        {
            if (manifest.Blocks.Count > 0)
            {
                return true;
            }
        }

        return false;
    }
}
