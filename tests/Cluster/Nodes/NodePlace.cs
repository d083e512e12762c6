namespace Deucalion.Cluster.Nodes;

/// <summary>Where a node listens and where it keeps its things.</summary>
/// <param name="Name">Short name within the run.</param>
/// <param name="Zone">Its zone.</param>
/// <param name="HttpPort">Port of the public API.</param>
/// <param name="ListenPort">Port at which it serves other nodes; 0 for a node that is alone.</param>
/// <param name="AdvertisedPort">Port of the proxy in front of that, the only one that other nodes are told of.</param>
/// <param name="Directory">Directory with data, configuration, clock and log.</param>
internal sealed record NodePlace(string Name, string Zone, int HttpPort, int ListenPort, int AdvertisedPort, string Directory)
{
    public string Data => Path.Combine(Directory, "data");

    public string Configuration => Path.Combine(Directory, "deucalion.yml");

    public string Clock => Path.Combine(Directory, "clock");

    public string Log => Path.Combine(Directory, "log");

    /// <summary>The keys that follow from the place.</summary>
    public Dictionary<string, string> Settings()
    {
        var settings = new Dictionary<string, string>
        {
            ["data.path"] = Data,
            ["http.listen"] = $"127.0.0.1:{HttpPort}",
            ["telemetry.self_scrape"] = "false",
            ["log.level"] = "debug",
        };
        if (ListenPort != 0)
        {
            settings["cluster.listen"] = $"127.0.0.1:{ListenPort}";
            settings["cluster.advertise"] = $"127.0.0.1:{AdvertisedPort}";
            settings["cluster.zone"] = Zone;
        }

        return settings;
    }
}
