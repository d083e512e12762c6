using System.Buffers;
using Deucalion.Common.Contracts;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Push;
using Deucalion.Storage.Head;

namespace Deucalion.Ingester.Partitions;

/// <summary>Turns what a partition is told into log records, through its heads. For the actor; results are valid until the next call.</summary>
internal sealed class PartitionStager(PartitionState state, PartitionEnvironment environment)
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
    public StagedRecords StageTruncate(TenantId tenant, TruncatedGeneration generation)
    {
        _records.Clear();
        if (state.Find(tenant) is { } part
            && part.Head.SealedWindows().Any(x => x.Generation == generation.Generation)
            && _truncations.Add((tenant, generation.Generation)))
        {
            _records.Continue(part.Prefix);
            part.Head.StageTruncate(generation.Generation, generation.Ulid, environment.Now, _records);
        }

        return _records;
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
