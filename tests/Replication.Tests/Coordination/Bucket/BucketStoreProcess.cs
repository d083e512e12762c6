using Deucalion.Common.Objects;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Coordination.Bucket;
using Microsoft.Extensions.Logging.Abstractions;
using Testing.Telemetry;

namespace Replication.Tests.Coordination.Bucket;

/// <summary>A process with the coordination store in a bucket.</summary>
internal sealed class BucketStoreProcess(IObjectStore bucket, BucketStoreOptions options, CutKind cut, TimeProvider time) : StoreProcess
{
    private readonly TestMeterFactory _meters = new();
    private BucketCoordinationStore? _store;

    public CutOffObjectStore Bucket { get; } = new(bucket);

    public override ICoordinationStore Store =>
        _store ??= new BucketCoordinationStore(Bucket, options, new BucketCoordinationMetrics(_meters), time, NullLogger<BucketCoordinationStore>.Instance);

    public double Metric(string name) => _meters.Sum(name);

    public override async Task KillAsync()
    {
        Bucket.Cut = CutKind.Fails;
        await DisposeAsync();
    }

    public override void Cut(bool isCut) => Bucket.Cut = isCut ? cut : CutKind.None;

    public override async ValueTask DisposeAsync()
    {
        if (_store is not null)
        {
            await _store.DisposeAsync();
        }

        (bucket as IDisposable)?.Dispose();
        _meters.Dispose();
    }
}
