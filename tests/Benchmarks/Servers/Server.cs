using System.Diagnostics;
using System.Globalization;

namespace Deucalion.Benchmarks.Servers;

/// <summary>A server under test as a process of its own over an empty directory, with its CPU time and its highest resident size, sampled each second.</summary>
internal abstract class Server : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Process _process;
    private readonly Task _sampling;

    protected Server(string program, IEnumerable<string> arguments, string directory, int port)
    {
        Directory = directory;
        Url = new Uri($"http://127.0.0.1:{port}");
        Http = new HttpClient { BaseAddress = Url, Timeout = TimeSpan.FromMinutes(10) };
        var start = new ProcessStartInfo(program) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        _process = Process.Start(start)!;
        _process.ErrorDataReceived += static (_, _) => { };
        _process.OutputDataReceived += static (_, _) => { };
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        _sampling = SampleAsync();
    }

    public abstract string Name { get; }

    public abstract Uri WriteUrl { get; }

    public string Directory { get; }

    public Uri Url { get; }

    public HttpClient Http { get; }

    /// <summary>Highest resident size so far, bytes.</summary>
    public long PeakResident { get; private set; }

    /// <summary>What switches result caches off in a query.</summary>
    public virtual string QuerySuffix => string.Empty;

    /// <summary>Highest resident size since the start or the last <see cref="ResetHighWater"/>, bytes, as the kernel counts.</summary>
    public long HighWater => Status("VmHWM:");

    /// <summary>Resident size now, bytes.</summary>
    public long Resident => Status("VmRSS:");

    /// <summary>User and system CPU time so far, seconds.</summary>
    public double CpuSeconds
    {
        get
        {
            var text = File.ReadAllText($"/proc/{_process.Id}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / 100.0;
        }
    }

    /// <summary>CPU time so far of each thread that there is now, nanoseconds, with its name.</summary>
    public Dictionary<(string Thread, string Name), long> CpuByThread()
    {
        var times = new Dictionary<(string, string), long>();
        foreach (var thread in System.IO.Directory.EnumerateDirectories($"/proc/{_process.Id}/task"))
        {
            try
            {
                var text = File.ReadAllText(thread + "/schedstat");
                var name = File.ReadAllText(thread + "/comm").TrimEnd();
                times[(thread, name)] = long.Parse(text.AsSpan(0, text.IndexOf(' ', StringComparison.Ordinal)), CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                // It has just ended.
            }
        }

        return times;
    }

    /// <summary>Directory of the write-ahead log.</summary>
    public abstract string LogDirectory { get; }

    /// <summary>Makes the server turn its recent data into blocks.</summary>
    public abstract Task FlushAsync();

    public static long SizeOf(string directory) => System.IO.Directory.Exists(directory)
        ? new DirectoryInfo(directory).EnumerateFiles("*", SearchOption.AllDirectories).Sum(static f => f.Length) : 0;

    public static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async Task ReadyAsync()
    {
        var deadline = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using var response = await Http.GetAsync(new Uri("/-/ready", UriKind.Relative));
                if (response.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            if (_process.HasExited || deadline.Elapsed > TimeSpan.FromMinutes(1))
            {
                throw new InvalidOperationException($"{Name} does not become ready");
            }

            await Task.Delay(50);
        }
    }

    /// <summary>Asks the process to end and waits for it.</summary>
    public async Task StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _sampling;
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _stop.Dispose();
        Http.Dispose();
    }

    /// <summary>Begins to look for the highest resident size anew.</summary>
    public void ResetHighWater() => File.WriteAllText($"/proc/{_process.Id}/clear_refs", "5");

    private long Status(string field)
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status").First(l => l.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2].Split('\t')[^1], CultureInfo.InvariantCulture) << 10;
    }

    private async Task SampleAsync()
    {
        while (!_stop.IsCancellationRequested && !_process.HasExited)
        {
            _process.Refresh();
            PeakResident = Math.Max(PeakResident, _process.HasExited ? 0 : _process.WorkingSet64);
            await Task.Delay(1000, _stop.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
        }
    }
}
