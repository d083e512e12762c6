using System.Security.Cryptography;
using System.Text;
using Deucalion.Common.IO;
using Deucalion.Node.Configuration;

namespace Deucalion.Node.Security;

/// <summary>
/// The credentials in force: read at the start, then whenever the file changes or a reload is asked for. A file that cannot be used leaves those of before
/// in force, which is logged once and measured. Thread-safe.
/// </summary>
internal sealed partial class AccessStore : IDisposable
{
    private static readonly TimeSpan CheckEvery = TimeSpan.FromSeconds(2);

    private readonly IDisk _disk;
    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly AccessMetrics _metrics;
    private readonly ILogger<AccessStore> _logger;
    private readonly Lock _lock = new();
    private readonly ITimer _timer;
    private volatile AccessTable _table;
    private byte[] _fingerprint;
    private string? _failure;

    /// <summary>Reads the file.</summary>
    /// <exception cref="ConfigurationException">It cannot be used.</exception>
    public AccessStore(IDisk disk, string path, TimeProvider time, AccessMetrics metrics, ILogger<AccessStore> logger)
    {
        _disk = disk;
        _path = path;
        _time = time;
        _metrics = metrics;
        _logger = logger;
        var content = Read();
        _table = AccessFile.Parse(path, Encoding.UTF8.GetString(content));
        _fingerprint = SHA256.HashData(content);
        Measure(usable: true);
        _timer = time.CreateTimer(static state => ((AccessStore)state!).Reload(onlyIfChanged: true), this, CheckEvery, CheckEvery);
    }

    /// <summary>The credentials in force.</summary>
    public AccessTable Current => _table;

    /// <summary>Reads the file again; returns null, or what is wrong with it.</summary>
    public string? Reload() => Reload(onlyIfChanged: false);

    /// <summary>Stops looking for changes.</summary>
    public void Dispose() => _timer.Dispose();

    private string? Reload(bool onlyIfChanged)
    {
        lock (_lock)
        {
            try
            {
                var content = Read();
                var fingerprint = SHA256.HashData(content);
                var isNew = !fingerprint.AsSpan().SequenceEqual(_fingerprint);
                if (onlyIfChanged && !isNew && _failure is null)
                {
                    return null;
                }

                _table = AccessFile.Parse(_path, Encoding.UTF8.GetString(content));
                _fingerprint = fingerprint;
                _failure = null;
                _metrics.Reloaded(succeeded: true);
                Measure(usable: true);
                Log.Reloaded(_logger, _table.Entries.Count());
                return null;
            }
            catch (ConfigurationException e)
            {
                Measure(usable: false);
                if (_failure != e.Message || !onlyIfChanged)
                {
                    _failure = e.Message;
                    _metrics.Reloaded(succeeded: false);
                    Log.Refused(_logger, e.Message);
                }

                return e.Message;
            }
        }
    }

    private byte[] Read()
    {
        try
        {
            return AtomicFile.Read(_disk, _path) ?? throw new ConfigurationException($"{_path}: the file is missing", null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{_path}: cannot be read: {e.Message}", e);
        }
    }

    private void Measure(bool usable)
    {
        _metrics.Usable(usable);
        var now = _time.GetUtcNow();
        if (_table.Entries.Where(e => e.Expires > now).Min(static e => e.Expires) is { } next)
        {
            _metrics.NextExpiry(next);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Credentials reloaded, {Entries} tokens and users")]
        public static partial void Reloaded(ILogger logger, int entries);

        [LoggerMessage(2, LogLevel.Error, "The changed file of credentials cannot be used, those of before stay in force: {Reason}")]
        public static partial void Refused(ILogger logger, string reason);
    }
}
