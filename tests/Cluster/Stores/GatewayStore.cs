using Deucalion.Cluster.Network;

namespace Deucalion.Cluster.Stores;

/// <summary>Coordination and blocks in a bucket of a real S3 server.</summary>
internal sealed class GatewayStore(string directory, FaultNetwork network) : ClusterStore
{
    private const string Bucket = "deucalion";

    private readonly ObjectGateway _gateway = new(directory);

    public override StoreKind Kind => StoreKind.S3;

    public override async Task StartAsync()
    {
        await _gateway.StartAsync();
        await BucketCreation.CreateAsync(_gateway.Port, Bucket, ObjectGateway.AccessKey, ObjectGateway.SecretKey);
    }

    public override Dictionary<string, string> SettingsFor(string node) => new()
    {
        ["coordination.kind"] = "bucket",
        ["bucket.kind"] = "s3",
        ["bucket.s3.endpoint"] = $"http://127.0.0.1:{network.ListenFrom(node, LinkName, _gateway.Port)}",
        ["bucket.s3.bucket"] = Bucket,
        ["bucket.s3.region"] = "us-east-1",
        ["bucket.s3.access_key"] = ObjectGateway.AccessKey,
        ["bucket.s3.secret_key"] = ObjectGateway.SecretKey,
        ["bucket.s3.path_style"] = "true",
    };

    public override void CutFrom(string node) => network.Cut(node, LinkName);

    public override void GiveBackTo(string node) => network.Heal(node, LinkName);

    public override Task KillAsync() => _gateway.KillGatewayAsync();

    public override Task ReviveAsync() => _gateway.StartGatewayAsync();

    public override void Dispose() => _gateway.Dispose();
}
