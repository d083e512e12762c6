namespace Deucalion.Cluster.Network;

/// <summary>The links between nodes, by their names. Faults hold until <see cref="Heal"/>.</summary>
internal interface INodeNetwork
{
    /// <summary>Both directions: connections are reset, new ones too.</summary>
    void Cut(string one, string other);

    /// <summary>Nothing that <paramref name="from"/> sends reaches <paramref name="to"/> any more, in whichever connection; the other way data passes.</summary>
    void Hold(string from, string to);

    /// <summary>What <paramref name="from"/> sends to <paramref name="to"/> arrives later by this.</summary>
    void Delay(string from, string to, TimeSpan by);

    /// <summary>What <paramref name="from"/> sends to <paramref name="to"/> passes at this rate.</summary>
    void Limit(string from, string to, long bytesPerSecond);

    /// <summary>All links are whole again; what was held arrives where the connection still stands.</summary>
    void Heal();
}
