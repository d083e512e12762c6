using Deucalion.Common.Wire;
using Deucalion.Replication.Coordination.Etcd;
using Microsoft.Extensions.Logging.Abstractions;
using Testing.Telemetry;

namespace Deucalion.Interop.Etcd;

/// <summary>Stores over etcd as tests open them.</summary>
internal static class EtcdStores
{
    public static EtcdStore Open(TestMeterFactory meters, params string[] endpoints) =>
        Open(meters, new EtcdStoreOptions { Endpoints = endpoints, RequestTimeout = TimeSpan.FromSeconds(3) });

    public static EtcdStore Open(TestMeterFactory meters, EtcdStoreOptions options) =>
        new(options, TimeProvider.System, new EtcdMetrics(meters), new WireMetrics(meters), NullLogger<EtcdStore>.Instance);
}
