using System.Globalization;
using System.Net;
using Deucalion.Testing.Processes;

namespace Deucalion.Cluster.Nodes;

/// <summary>A node as a process of its own. Started, broken and stopped by one test at a time.</summary>
internal sealed class ClusterNode : IClusterNode, IDisposable
{
    private const int Kill = 9;
    private const int Terminate = 15;
    private const int Continue = 18;
    private const int Halt = 19;

    // Far more than any run writes, so that what is used can be read off what is left.
    private const long Unlimited = 1L << 40;

    // Of the 64 MiB that a node keeps for cuts, truncations, checkpoints and terms.
    private const long Reserve = 32 << 20;

    private readonly Dictionary<string, string> _settings;
    private readonly HttpClient _http;
    private ChildProcess? _process;

    public ClusterNode(NodePlace place, IReadOnlyDictionary<string, string> settings)
    {
        Place = place;
        Url = new Uri($"http://127.0.0.1:{place.HttpPort}");
        _settings = place.Settings();
        _settings["data.limit"] = Text(Unlimited);
        foreach (var (key, value) in settings)
        {
            _settings[key] = value;
        }

        _http = new HttpClient { BaseAddress = Url, Timeout = TimeSpan.FromSeconds(30) };
        Directory.CreateDirectory(place.Directory);
    }

    public NodePlace Place { get; }

    public string Name => Place.Name;

    public string Zone => Place.Zone;

    public Uri Url { get; }

    public string Id { get; private set; } = string.Empty;

    public string Program { get; set; } = NodeProgram.Path;

    /// <summary>Whether the next start leaves out what makes it a node of a cluster, and what it agrees through.</summary>
    public bool IsAlone { get; set; }

    public bool IsRunning => !IsPaused && _process is { HasExited: false };

    public bool IsPaused { get; private set; }

    /// <summary>Id of the running process, or null.</summary>
    public int? ProcessId => _process is { HasExited: false } process ? process.Id : null;

    public async Task StartAsync()
    {
        await BeginAsync();
        await Eventually.TrueAsync(IsReadyAsync, TimeSpan.FromSeconds(90), () => $"{Name} is ready; the end of its log:\n{LogEnd()}");
        Id = (await File.ReadAllTextAsync(Path.Combine(Place.Data, "node-id"))).Trim();
    }

    /// <summary>Starts the process and does not wait.</summary>
    public async Task BeginAsync()
    {
        if (_process is { HasExited: false })
        {
            throw new InvalidOperationException($"{Name} runs already");
        }

        _process?.Dispose();
        await WriteSettingsAsync();
        var environment = new Dictionary<string, string> { ["DEUCALION_TEST_CLOCK_FILE"] = Place.Clock };
        _process = new ChildProcess(Program, ["--config.file", Place.Configuration], Place.Directory, environment, Place.Log);
    }

    /// <summary>Whether the process says that it is ready; it must not have ended.</summary>
    public async Task<bool> IsReadyAsync()
    {
        if (_process!.HasExited)
        {
            throw new InvalidOperationException($"{Name} ended instead of getting ready; the end of its log:\n{LogEnd()}");
        }

        try
        {
            using var response = await _http.GetAsync(new Uri("/ready", UriKind.Relative));
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>A start that has to end with a failure, for this reason.</summary>
    public async Task IsRefusedAsync(string reason)
    {
        await BeginAsync();
        var code = await _process!.WaitAsync(TimeSpan.FromSeconds(90));
        if (code != 1 || !_process.Output.Contains(reason, StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"{Name} ended with {code}, and not because \"{reason}\"; the end of its log:\n{LogEnd()}");
        }
    }

    public async Task KillAsync()
    {
        await Running().KillAsync();
        IsPaused = false;
    }

    public async Task StopAsync()
    {
        Running().Signal(Terminate);
        var code = await _process!.WaitAsync(TimeSpan.FromMinutes(2));
        if (code != 0)
        {
            throw new InvalidOperationException($"{Name} ended with {code} when told to stop; the end of its log:\n{LogEnd()}");
        }
    }

    public void Pause()
    {
        Running().Signal(Halt);
        IsPaused = true;
    }

    public void Resume()
    {
        Running().Signal(Continue);
        IsPaused = false;
    }

    public void Wipe()
    {
        if (_process is { HasExited: false })
        {
            throw new InvalidOperationException($"{Name} still runs: its disk cannot be wiped");
        }

        Directory.Delete(Place.Data, recursive: true);
    }

    public async Task FillDiskAsync()
    {
        var used = await MetricAsync("deucalion_disk_used_bytes");
        await ChangeAsync("data.limit", Text((long)used + Reserve));
    }

    public Task EmptyDiskAsync() => ChangeAsync("data.limit", Text(Unlimited));

    public void ShiftClock(TimeSpan offset)
    {
        // Renamed into place: the node must never read half a number.
        var next = Place.Clock + ".next";
        File.WriteAllText(next, ((long)offset.TotalMilliseconds).ToString(CultureInfo.InvariantCulture));
        File.Move(next, Place.Clock, overwrite: true);
    }

    /// <summary>Changes a key that can be reloaded.</summary>
    public async Task ChangeAsync(string key, string value)
    {
        _settings[key] = value;
        await WriteSettingsAsync();
        using var response = await _http.PostAsync(new Uri("/-/reload", UriKind.Relative), null);
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{Name} did not reload: {await response.Content.ReadAsStringAsync()}");
        }
    }

    /// <summary>One of the node's own metrics that has no labels.</summary>
    public async Task<double> MetricAsync(string name)
    {
        var text = await _http.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        var line = text.Split('\n').FirstOrDefault(l => l.StartsWith(name + " ", StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"{Name} has no metric {name}");
        return double.Parse(line.AsSpan(name.Length + 1), CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        // A halted process takes this signal too.
        if (_process is { HasExited: false })
        {
            _process.Signal(Kill);
        }

        _process?.Dispose();
        _http.Dispose();
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private ChildProcess Running() => _process is { HasExited: false } process ? process : throw new InvalidOperationException($"{Name} does not run");

    private Task WriteSettingsAsync() => File.WriteAllTextAsync(Place.Configuration, ConfigurationText.Write(_settings.Where(setting => !IsAlone || !IsOfCluster(setting.Key))));

    private static bool IsOfCluster(string key) => key.StartsWith("cluster.", StringComparison.Ordinal) || key.StartsWith("coordination.", StringComparison.Ordinal);

    private string LogEnd()
    {
        var output = _process!.Output;
        return output.Length > 4000 ? output[^4000..] : output;
    }
}
