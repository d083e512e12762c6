using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Deucalion.Common.IO;

namespace Deucalion.Common.Wire;

/// <summary>One state of the certificate files: what a node shows and whom it trusts. Never changes; connections keep the one they began with.</summary>
internal sealed class TlsIdentity
{
    private readonly X509Certificate2? _certificate;
    private readonly SslStreamCertificateContext? _context;
    private readonly bool _asksClients;

    private TlsIdentity(X509Certificate2? certificate, SslStreamCertificateContext? context, bool asksClients, X509Certificate2Collection authorities, byte[] fingerprint)
    {
        _asksClients = asksClients;
        _certificate = certificate;
        _context = context;
        Authorities = authorities;
        Fingerprint = fingerprint;
    }

    public X509Certificate2Collection Authorities { get; }

    /// <summary>Hash over the contents of the files.</summary>
    public byte[] Fingerprint { get; }

    public DateTimeOffset? Expires => _certificate is null ? null : new DateTimeOffset(_certificate.NotAfter);

    /// <summary>The contents of the files; fails where one is missing.</summary>
    public static TlsFiles Read(IDisk disk, WireTlsOptions options) => new(Read(disk, options.CertFile), Read(disk, options.KeyFile), options.CaFile.Length == 0 ? null : Read(disk, options.CaFile));

    /// <summary>Makes an identity; <see cref="CryptographicException"/> or <see cref="ArgumentException"/> where the contents are none.</summary>
    public static TlsIdentity Parse(TlsFiles files)
    {
        var authorities = new X509Certificate2Collection();
        if (files.Authorities is { } text)
        {
            authorities.ImportFromPem(text);
        }

        if (files.Authorities is not null && authorities.Count == 0)
        {
            throw new CryptographicException("the file of authorities holds no certificate");
        }

        if (files.Certificate is null || files.Key is null)
        {
            return new TlsIdentity(null, null, asksClients: true, authorities, files.Fingerprint());
        }

        // Fails where the key is of another certificate, as when only one of the two files has been replaced yet.
        var certificate = X509Certificate2.CreateFromPem(files.Certificate, files.Key);
        var shown = new X509Certificate2Collection();
        shown.ImportFromPem(files.Certificate);
        shown.RemoveAt(0);
        return new TlsIdentity(certificate, SslStreamCertificateContext.Create(certificate, shown, offline: true), files.Authorities is not null, authorities, files.Fingerprint());
    }

    /// <summary>Options of a connection that is accepted: the client must show a certificate where there are authorities.</summary>
    public SslServerAuthenticationOptions ForServer(IReadOnlyList<SslApplicationProtocol> protocols, RemoteCertificateValidationCallback check) => new()
    {
        ServerCertificateContext = _context ?? throw new InvalidOperationException("a server needs a certificate and its key"),
        ClientCertificateRequired = _asksClients,
        RemoteCertificateValidationCallback = _asksClients ? check : null,
        ApplicationProtocols = [.. protocols],
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,

        // A resumed session would keep the trust of before a reload.
        AllowTlsResume = false,
    };

    /// <summary>Options of a connection that is made.</summary>
    public SslClientAuthenticationOptions ForClient(string host, RemoteCertificateValidationCallback check) => new()
    {
        TargetHost = host,
        ClientCertificateContext = _context,
        RemoteCertificateValidationCallback = check,
        ApplicationProtocols = [SslApplicationProtocol.Http2],
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        AllowTlsResume = false,
    };

    private static string? Read(IDisk disk, string? path) =>
        path is null ? null : Encoding.UTF8.GetString(AtomicFile.Read(disk, path) ?? throw new FileNotFoundException($"{path} is missing", path));

    /// <summary>Texts of the files as they were read.</summary>
    internal sealed record TlsFiles(string? Certificate, string? Key, string? Authorities)
    {
        public byte[] Fingerprint() => SHA256.HashData(Encoding.UTF8.GetBytes($"{Certificate}\0{Key}\0{Authorities}"));
    }
}
