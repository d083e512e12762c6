namespace Deucalion.Cluster.Stores;

/// <summary>Coordination and bucket in one shared directory.</summary>
internal sealed class DirectoryStore(StoreKind kind, string directory) : ClusterStore
{
    private readonly SharedDirectory _shared = new(directory);

    public override StoreKind Kind => kind;

    public override Task StartAsync() => Task.CompletedTask;

    public override Dictionary<string, string> SettingsFor(string node)
    {
        var settings = new Dictionary<string, string>
        {
            ["bucket.path"] = Path.Combine(_shared.PathOf(node), "bucket"),
            ["coordination.kind"] = kind == StoreKind.Local ? "local" : "bucket",
        };
        if (kind == StoreKind.Local)
        {
            settings["coordination.path"] = Path.Combine(_shared.PathOf(node), "coordination");
        }

        return settings;
    }

    public override void CutFrom(string node) => _shared.CutFrom(node);

    public override void GiveBackTo(string node) => _shared.GiveBackTo(node);

    public override Task KillAsync()
    {
        _shared.TakeAway();
        return Task.CompletedTask;
    }

    public override Task ReviveAsync()
    {
        _shared.PutBack();
        return Task.CompletedTask;
    }

    public override void Dispose()
    {
    }
}
