namespace Deucalion.Node.Security;

/// <summary>What a token or user may do. Rights are independent: none includes another.</summary>
[Flags]
internal enum AccessRight
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Store samples.</summary>
    Write = 1,

    /// <summary>Query samples, names and metadata.</summary>
    Read = 2,

    /// <summary>Change recording and alerting rules.</summary>
    Rules = 4,

    /// <summary>Operate nodes and cluster.</summary>
    Admin = 8,
}
