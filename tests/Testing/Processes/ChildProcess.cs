using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Deucalion.Testing.Processes;

/// <summary>
/// A program started by a test and stopped by its process id; keeps the end of its output for failure messages, and all of it where a log file is
/// named. Several processes may append to one log file one after the other.
/// </summary>
public sealed partial class ChildProcess : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly Lock _lock = new();
    private StreamWriter? _log;

    public ChildProcess(
        string program, IEnumerable<string> arguments, string? workingDirectory = null, IReadOnlyDictionary<string, string>? environment = null, string? logFile = null)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = workingDirectory ?? string.Empty };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        _log = logFile is null ? null : new StreamWriter(new FileStream(logFile, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, e) => Keep(e.Data);
        _process.ErrorDataReceived += (_, e) => Keep(e.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public bool HasExited
    {
        get
        {
            try
            {
                return _process.HasExited;
            }
            catch (InvalidOperationException)
            {
                // Disposed, by whoever saw it end, while another thread looks.
                return true;
            }
        }
    }

    public string Output
    {
        get
        {
            lock (_lock)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Sends a signal (1 HUP, 9 KILL, 15 TERM, 18 CONT, 19 STOP).</summary>
    public void Signal(int signal) => _ = Kill(_process.Id, signal);

    /// <summary>Waits for the end; returns the exit code.</summary>
    public async Task<int> WaitAsync(TimeSpan limit)
    {
        using var deadline = new CancellationTokenSource(limit);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{_process.StartInfo.FileName} did not end within {limit}; its output:\n{Output}");
        }

        return _process.ExitCode;
    }

    public async Task<int> TerminateAsync()
    {
        Signal(15);
        return await WaitAsync(TimeSpan.FromSeconds(60));
    }

    public async Task KillAsync()
    {
        Signal(9);
        await WaitAsync(TimeSpan.FromSeconds(30));
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit(30_000);
        }

        _process.Dispose();
        lock (_lock)
        {
            _log?.Dispose();
            _log = null;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);

    private void Keep(string? line)
    {
        if (line is not null)
        {
            lock (_lock)
            {
                _log?.WriteLine(line);
                _output.AppendLine(line);
                if (_output.Length > 200_000)
                {
                    _output.Remove(0, 100_000);
                }
            }
        }
    }
}
