using Deucalion.Cluster.Network;
using Deucalion.Testing.S3;

namespace Deucalion.Cluster.Stores;

/// <summary>Coordination and blocks in a bucket of a real S3 server.</summary>
internal sealed class GatewayStore(string directory, FaultNetwork network) : ClusterStore
{
    private const string Bucket = "deucalion";

    private RadosGateway? _gateway;

    public override StoreKind Kind => StoreKind.S3;

    public override async Task StartAsync()
    {
        _gateway = await RadosGateway.StartAsync(directory);
        await _gateway.CreateBucketAsync(Bucket);
    }

    public override Dictionary<string, string> SettingsFor(string node) => new()
    {
        ["coordination.kind"] = "bucket",
        ["bucket.kind"] = "s3",
        ["bucket.s3.endpoint"] = $"http://127.0.0.1:{network.ListenFrom(node, LinkName, _gateway!.Port)}",
        ["bucket.s3.bucket"] = Bucket,
        ["bucket.s3.region"] = "us-east-1",
        ["bucket.s3.access_key"] = RadosGateway.AccessKey,
        ["bucket.s3.secret_key"] = RadosGateway.SecretKey,
        ["bucket.s3.path_style"] = "true",
    };

    public override void CutFrom(string node) => network.Cut(node, LinkName);

    public override void GiveBackTo(string node) => network.Heal(node, LinkName);

    public override Task KillAsync() => _gateway!.KillGatewayAsync();

    public override Task ReviveAsync() => _gateway!.StartGatewayAsync();

    public override void Dispose() => _gateway?.Dispose();
}
