using Replication.Tests.Coordination;
using Xunit;

namespace Deucalion.Interop.Etcd;

/// <summary>The store over etcd keeps what every coordination store promises.</summary>
[Trait("Category", "slow")]
public sealed class EtcdStoreTests(EtcdFixture etcd) : NetworkedCoordinationStoreContract, IClassFixture<EtcdFixture>
{
    private readonly string _prefix = etcd.NextPrefix();

    // etcd accepts two seconds at least; a busy machine needs more.
    protected override TimeSpan TimeToLive => TimeSpan.FromSeconds(5);

    protected override ValueTask<StoreProcess> OpenAsync() => ValueTask.FromResult<StoreProcess>(new EtcdStoreProcess(etcd.Member.Address, _prefix));
}
