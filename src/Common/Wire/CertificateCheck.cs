using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Deucalion.Common.Wire;

/// <summary>Whether a peer's certificate is believed.</summary>
internal static class CertificateCheck
{
    private const string ServerUsage = "1.3.6.1.5.5.7.3.1";
    private const string ClientUsage = "1.3.6.1.5.5.7.3.2";

    /// <summary>Why the certificate of a client is refused; null where it is not.</summary>
    public static string? OfClient(X509Certificate2? certificate, X509Chain? presented, X509Certificate2Collection authorities, DateTimeOffset now) =>
        Of(certificate, presented, authorities, ClientUsage, now);

    /// <summary>Why the certificate of a server is refused; null where it is not. Names count only as subject alternative names, of hosts or addresses.</summary>
    public static string? OfServer(X509Certificate2? certificate, X509Chain? presented, X509Certificate2Collection authorities, string host, DateTimeOffset now) =>
        Of(certificate, presented, authorities, ServerUsage, now)
        ?? (certificate!.MatchesHostname(host, allowWildcards: true, allowCommonName: false) ? null : $"the certificate is not for {host}");

    private static string? Of(X509Certificate2? certificate, X509Chain? presented, X509Certificate2Collection authorities, string usage, DateTimeOffset now)
    {
        if (certificate is null)
        {
            return "no certificate was shown";
        }

        var refusal = Build(certificate, presented, authorities, usage, now);
        if (refusal is null || authorities.Count == 1)
        {
            return refusal;
        }

        // An authority and its successor may bear one name; a chain that was begun with the wrong one is not begun again with the other.
        return authorities.Any(authority => Build(certificate, presented, [authority], usage, now) is null) ? null : refusal;
    }

    private static string? Build(X509Certificate2 certificate, X509Chain? presented, X509Certificate2Collection authorities, string usage, DateTimeOffset now)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(usage));
        chain.ChainPolicy.VerificationTimeIgnored = false;
        chain.ChainPolicy.VerificationTime = now.LocalDateTime;
        if (presented is not null)
        {
            chain.ChainPolicy.ExtraStore.AddRange(presented.ChainPolicy.ExtraStore);
        }

        if (chain.Build(certificate))
        {
            return null;
        }

        return string.Join("; ", chain.ChainStatus.Select(static status => status.StatusInformation.Trim()).Where(static text => text.Length > 0).DefaultIfEmpty("the certificate is not trusted"));
    }
}
