using Deucalion.Common.Wire;

namespace Deucalion.Replication.Coordination.Etcd;

/// <summary>How an <see cref="EtcdStore"/> reaches etcd.</summary>
public sealed class EtcdStoreOptions
{
    /// <summary>Client addresses of the members, <c>host:port</c>. One at a time is asked, the next where that fails.</summary>
    public required IReadOnlyList<string> Endpoints { get; init; }

    /// <summary>TLS, with a certificate of the client where etcd asks for one; null: none.</summary>
    public WireTls? Tls { get; init; }

    /// <summary>User, where etcd's authentication is on; null: none.</summary>
    public string? Username { get; init; }

    /// <summary>Password of the user.</summary>
    public string? Password { get; init; }

    /// <summary>Before every key, so that clusters may share an etcd. Ends with <c>/</c>.</summary>
    public string KeyPrefix { get; init; } = "deucalion/";

    /// <summary>Longest time of one operation, with all its attempts. Elections of etcd take one to two seconds.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
