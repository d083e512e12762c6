using Deucalion.Replication.Coordination;
using Deucalion.Replication.Coordination.Etcd;
using Replication.Tests.Coordination;
using Testing.Telemetry;

namespace Deucalion.Interop.Etcd;

/// <summary>A process with a store over etcd, behind a way that can be cut.</summary>
internal sealed class EtcdStoreProcess : StoreProcess
{
    private readonly TestMeterFactory _meters = new();
    private readonly CuttableProxy _way;
    private readonly EtcdStore _store;

    public EtcdStoreProcess(string address, string keyPrefix)
    {
        _way = new CuttableProxy(address);
        _store = EtcdStores.Open(_meters, new EtcdStoreOptions { Endpoints = [_way.Address], KeyPrefix = keyPrefix, RequestTimeout = TimeSpan.FromSeconds(8) });
    }

    public override ICoordinationStore Store => _store;

    public override Task KillAsync()
    {
        // Nothing leaves it any more; only then may it end in order.
        _way.Cut(true);
        _store.Dispose();
        return Task.CompletedTask;
    }

    public override void Cut(bool isCut) => _way.Cut(isCut);

    public override async ValueTask DisposeAsync()
    {
        await KillAsync();
        _way.Dispose();
        _meters.Dispose();
    }
}
