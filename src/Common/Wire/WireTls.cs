using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Deucalion.Common.IO;
using Microsoft.Extensions.Logging;

namespace Deucalion.Common.Wire;

/// <summary>
/// TLS from PEM files: mutual between nodes, and where authorities are given for clients of other listeners too. Changed files are read again; connections that stand stay, new ones use what is new. Files that cannot be
/// used leave what was there before in use, which is logged and counted. Thread-safe; one object serves any number of channels and listeners.
/// </summary>
public sealed partial class WireTls : IDisposable
{
    private readonly IDisk _disk;
    private readonly WireTlsOptions _options;
    private readonly TimeProvider _time;
    private readonly WireMetrics _metrics;
    private readonly ILogger<WireTls> _logger;
    private readonly Lock _reloading = new();
    private readonly ITimer _timer;
    private volatile TlsIdentity _identity;
    private string? _failure;

    /// <summary>Reads the files. <see cref="InvalidDataException"/> where they cannot be used.</summary>
    public WireTls(IDisk disk, WireTlsOptions options, TimeProvider time, WireMetrics metrics, ILogger<WireTls> logger)
    {
        _disk = disk;
        _options = options;
        _time = time;
        _metrics = metrics;
        _logger = logger;
        if ((options.CertFile is null) != (options.KeyFile is null))
        {
            throw new InvalidDataException("a certificate and its key are given together or not at all");
        }

        if (options.CertFile is null && options.CaFile.Length == 0)
        {
            throw new InvalidDataException("neither a certificate nor authorities are given");
        }

        try
        {
            _identity = TlsIdentity.Parse(TlsIdentity.Read(disk, options));
        }
        catch (Exception exception) when (IsUnusable(exception))
        {
            throw new InvalidDataException($"certificates ({options.CertFile}, {options.KeyFile}, {options.CaFile}): {exception.Message}", exception);
        }

        Measure(_identity);
        _timer = time.CreateTimer(static state => ((WireTls)state!).Check(), this, options.CheckEvery, options.CheckEvery);
    }

    /// <summary>Stops looking for changes. Channels and listeners must be gone before.</summary>
    public void Dispose() => _timer.Dispose();

    /// <summary>Options of a connection that is accepted.</summary>
    public SslServerAuthenticationOptions ForServer()
    {
        var identity = _identity;
        return identity.ForServer(_options.Protocols, (_, certificate, chain, _) =>
            Believed(CertificateCheck.OfClient(certificate as X509Certificate2, chain, identity.Authorities, _time.GetUtcNow()), "client", certificate));
    }

    /// <summary>Options of a connection that is made to a host.</summary>
    internal SslClientAuthenticationOptions ForClient(string host)
    {
        if (_options.CaFile.Length == 0)
        {
            throw new InvalidOperationException("a client needs authorities that it believes");
        }

        var identity = _identity;
        return identity.ForClient(host, (_, certificate, chain, _) =>
            Believed(CertificateCheck.OfServer(certificate as X509Certificate2, chain, identity.Authorities, host, _time.GetUtcNow()), host, certificate));
    }

    private static bool IsUnusable(Exception exception) => exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException;

    private bool Believed(string? refusal, string peer, X509Certificate? certificate)
    {
        if (refusal is null)
        {
            return true;
        }

        _metrics.CertificateRefused();
        Log.Refused(_logger, peer, certificate?.Subject ?? "none", refusal);
        return false;
    }

    private void Check()
    {
        // A slow disk may make checks meet; the one that runs is enough.
        if (!_reloading.TryEnter())
        {
            return;
        }

        try
        {
            var files = TlsIdentity.Read(_disk, _options);
            if (!files.Fingerprint().AsSpan().SequenceEqual(_identity.Fingerprint))
            {
                _identity = TlsIdentity.Parse(files);
                _metrics.Reloaded(_options.Purpose, succeeded: true);
                Measure(_identity);
                Log.Reloaded(_logger, _options.Purpose, _identity.Expires);
            }

            _failure = null;
        }
        catch (Exception exception) when (IsUnusable(exception))
        {
            _metrics.Reloaded(_options.Purpose, succeeded: false);
            if (_failure != exception.Message)
            {
                _failure = exception.Message;
                Log.ReloadFailed(_logger, _options.Purpose, exception);
            }
        }
        finally
        {
            _reloading.Exit();
        }
    }

    private void Measure(TlsIdentity identity)
    {
        if (identity.Expires is { } expires)
        {
            _metrics.Expires(_options.Purpose, expires);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Certificates for {Purpose} were reloaded; the certificate expires at {Expires}")]
        public static partial void Reloaded(ILogger logger, string purpose, DateTimeOffset? expires);

        [LoggerMessage(2, LogLevel.Warning, "Changed certificate files for {Purpose} cannot be used; those of before stay in use")]
        public static partial void ReloadFailed(ILogger logger, string purpose, Exception exception);

        [LoggerMessage(3, LogLevel.Warning, "Certificate of {Peer} ({Subject}) refused: {Reason}")]
        public static partial void Refused(ILogger logger, string peer, string subject, string reason);
    }
}
