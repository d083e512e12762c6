using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Deucalion.Common.IO;
using Deucalion.Common.Wire;
using Deucalion.Testing.Processes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Deucalion.Testing.Wire;

/// <summary>An authority of a test and the certificate files it makes.</summary>
public sealed class TestCertificates : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly X509Certificate2 _authority;

    public TestCertificates()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=authority of a test", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-10), DateTimeOffset.UtcNow.AddDays(10));
        File.WriteAllText(CaFile, _authority.ExportCertificatePem());
    }

    public string CaFile => _directory.Child("ca.pem");

    /// <summary>Writes a certificate and its key; <paramref name="validUntilDays"/> from now, negative: expired.</summary>
    public WireTlsOptions Write(string name, IPAddress? ip = null, string? host = null, double validUntilDays = 5, string? usage = null)
    {
        var options = new WireTlsOptions { CertFile = _directory.Child(name + ".pem"), KeyFile = _directory.Child(name + ".key"), CaFile = CaFile, CheckEvery = TimeSpan.FromMilliseconds(50) };
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(ip ?? IPAddress.Loopback);
        if (host is not null)
        {
            names.AddDnsName(host);
        }

        request.CertificateExtensions.Add(names.Build());
        if (usage is not null)
        {
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        }

        using var certificate = request.Create(_authority, DateTimeOffset.UtcNow.AddDays(-9), DateTimeOffset.UtcNow.AddDays(validUntilDays), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(options.KeyFile!, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(options.CertFile!, certificate.ExportCertificatePem());
        return options;
    }

    /// <summary>Puts another certificate and key in place of those of the name, each file in one step. Returns when the new one expires.</summary>
    public DateTimeOffset Replace(string name, double validUntilDays)
    {
        var next = Write(name + ".next", validUntilDays: validUntilDays);
        using var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(next.CertFile!));
        File.Move(next.KeyFile!, _directory.Child(name + ".key"), overwrite: true);
        File.Move(next.CertFile!, _directory.Child(name + ".pem"), overwrite: true);
        return new DateTimeOffset(certificate.NotAfter);
    }

    public static WireTls Tls(WireTlsOptions options, WireMetrics metrics) => new(new LinuxDisk(), options, TimeProvider.System, metrics, NullLogger<WireTls>.Instance);

    public void Dispose()
    {
        _authority.Dispose();
        _directory.Dispose();
    }
}
