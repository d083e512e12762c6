using System.Buffers;
using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Push;
using Deucalion.Storage.Head;

namespace Deucalion.Ingester.Partitions;

/// <summary>Turns what a partition is told into log records, through its heads. For the actor; results are valid until the next call.</summary>
internal sealed class PartitionStager(PartitionState state, PartitionEnvironment environment, DeletionsUnderWay deletions)
{
    private static readonly SampleRejection[] SampleReasons = Enum.GetValues<SampleRejection>();
    private static readonly ExemplarRejection[] ExemplarReasons = Enum.GetValues<ExemplarRejection>();

    private readonly StagedRecords _records = new();
    private readonly StageResult _result = new();
    private readonly HashSet<(TenantId Tenant, long Generation)> _cuts = [];
    private readonly HashSet<(TenantId Tenant, long Generation)> _truncations = [];

    /// <summary>Stages an append; <paramref name="stored"/> is what will be stored once the log holds the records.</summary>
    public StagedRecords Stage(AppendRequest request, out StoredCounts stored)
    {
        var part = state.PartOf(request.Tenant);
        _result.Clear();
        _records.Start(part.Prefix);
        var limits = environment.LimitsOf(request.Tenant);
        part.Head.Stage(request.Batch, request.Series.Span, request.Hashes.Span, environment.Now, limits, _records, _result);
        if (request.WithMetadata)
        {
            StageMetadata(part, request.Batch);
        }

        AddRejections(request);
        stored = new StoredCounts(_result.Staged + _result.Duplicates, HistogramsOf(request) - _result.RejectedHistograms, _result.Exemplars);
        return _records;
    }

    /// <summary>Stages cuts of the windows that are due, or of all.</summary>
    public StagedRecords StageCuts(bool all)
    {
        _records.Clear();
        foreach (var part in state.Parts)
        {
            if (deletions.Includes(part.Tenant))
            {
                continue;
            }

            _records.Continue(part.Prefix);
            foreach (var window in all ? part.Head.OpenWindows() : part.Head.DueWindows(environment.Now))
            {
                // A second cut of a generation whose first one is still pending would not apply.
                if (_cuts.Add((part.Tenant, window.Generation)))
                {
                    part.Head.StageCut(window, _records);
                }
            }
        }

        return _records;
    }

    /// <summary>Stages a truncation; nothing where the generation is gone, or going, already.</summary>
    public StagedRecords StageTruncate(SealedGeneration generation, string ulid)
    {
        _records.Clear();
        var (tenant, number) = (generation.Tenant, generation.Window.Generation);

        // A number alone does not say which: the heads before and after a deletion both count from one.
        if (state.Find(tenant) is { } part
            && !generation.Window.IsGone
            && !deletions.Includes(tenant)
            && part.Head.SealedWindows().Any(x => x.Generation == number)
            && _truncations.Add((tenant, number)))
        {
            _records.Continue(part.Prefix);
            part.Head.StageTruncate(number, ulid, environment.Now, _records);
        }

        return _records;
    }

    /// <summary>Stages the deletion of a tenant.</summary>
    public StagedRecords StageDeletion(TenantId tenant) => StageDeletion(tenant, isShown: false, Ulid.Create(environment.Time.GetUtcNow()).ToString());

    /// <summary>Stages that the manifest shows a deletion; nothing where that is known, or another one came later.</summary>
    public StagedRecords StageShown(PendingDeletion deletion)
    {
        _records.Clear();
        return state.DeletionOf(deletion.Tenant)?.Ulid == deletion.Ulid ? StageDeletion(deletion.Tenant, isShown: true, deletion.Ulid) : _records;
    }

    /// <summary>A deletion has been applied: what was staged for the head that it took does not count.</summary>
    public void Deleted(TenantId tenant)
    {
        _cuts.RemoveWhere(x => x.Tenant == tenant);
        _truncations.RemoveWhere(x => x.Tenant == tenant);
    }

    /// <summary>All sealed generations, the oldest of each tenant first.</summary>
    public IReadOnlyList<SealedGeneration> Sealed() =>
        [.. state.Parts.SelectMany(part => part.Head.SealedWindows().Select(window => new SealedGeneration(part.Tenant, state.Partition, window)))];

    /// <summary>Nothing is pending any more: what was staged has been applied or dropped.</summary>
    public void Settled()
    {
        _cuts.Clear();
        _truncations.Clear();
    }

    private StagedRecords StageDeletion(TenantId tenant, bool isShown, string ulid)
    {
        _records.Start(TenantPart.PrefixOf(tenant));
        DeletionRecord.Write(_records.Begin(RecordKind.Delete), isShown, ulid, environment.Now);
        _records.End();
        return _records;
    }

    private void StageMetadata(TenantPart part, WriteBatch batch)
    {
        var count = batch.Metadata.Length;
        var entries = ArrayPool<int>.Shared.Rent(count);
        for (var i = 0; i < count; i++)
        {
            entries[i] = i;
        }

        part.Head.StageMetadata(batch, entries.AsSpan(0, count), _records);
        ArrayPool<int>.Shared.Return(entries);
    }

    private static int HistogramsOf(AppendRequest request)
    {
        var count = 0;
        if (request.Batch.Histograms.Length > 0)
        {
            foreach (var series in request.Series.Span)
            {
                count += request.Batch.Series[series].HistogramCount;
            }
        }

        return count;
    }

    private void AddRejections(AppendRequest request)
    {
        foreach (var reason in ExemplarReasons)
        {
            request.Rejections.AddExemplars(ReasonOf(reason), _result.RejectedExemplarsFor(reason));
        }

        if (_result.Rejected == 0)
        {
            return;
        }

        foreach (var reason in SampleReasons)
        {
            request.Rejections.Add(ReasonOf(reason), _result.RejectedFor(reason));
        }

        foreach (var example in _result.Examples)
        {
            var detail = example.Reason == SampleRejection.SeriesLimit ? environment.SeriesLimitText(request.Tenant) : DetailOf(example.Reason);
            request.Rejections.AddExample(ReasonOf(example.Reason), request.Batch, example.Series, example.Sample, example.IsHistogram, detail);
        }
    }

    private static ExemplarRejectReason ReasonOf(ExemplarRejection reason) => reason switch
    {
        ExemplarRejection.OutOfOrder => ExemplarRejectReason.OutOfOrder,
        ExemplarRejection.SeriesMissing => ExemplarRejectReason.SeriesMissing,
        ExemplarRejection.TooFarInFuture => ExemplarRejectReason.TooFarInFuture,
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "unknown reason"),
    };

    private static RejectReason ReasonOf(SampleRejection reason) => reason switch
    {
        SampleRejection.OutOfOrder => RejectReason.OutOfOrder,
        SampleRejection.TooOld => RejectReason.TooOld,
        SampleRejection.DuplicateTimestamp => RejectReason.DuplicateTimestamp,
        SampleRejection.TooFarInFuture => RejectReason.TooFarInFuture,
        SampleRejection.SeriesLimit => RejectReason.SeriesLimit,
        SampleRejection.HistogramTooLarge => RejectReason.HistogramTooLarge,
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "unknown reason"),
    };

    private static string DetailOf(SampleRejection reason) => reason switch
    {
        SampleRejection.OutOfOrder => "older than the newest sample of its series",
        SampleRejection.TooOld => "older than the out-of-order window of its series",
        SampleRejection.DuplicateTimestamp => "another value is stored for this time",
        SampleRejection.TooFarInFuture => "too far ahead of the clock",
        SampleRejection.HistogramTooLarge => "histogram has more buckets than a chunk holds",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "unknown reason"),
    };
}
