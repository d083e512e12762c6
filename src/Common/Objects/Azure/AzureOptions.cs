namespace Deucalion.Common.Objects.Azure;

/// <summary>A container of Azure Blob Storage and how to talk to it.</summary>
public sealed record AzureOptions
{
    /// <summary>Name of the storage account.</summary>
    public required string Account { get; init; }

    /// <summary>Name of the container; it must exist.</summary>
    public required string Container { get; init; }

    /// <summary>Put before every key: empty, or ending with a slash.</summary>
    public string Prefix { get; init; } = string.Empty;

    /// <summary>Address of the service up to the container, as in <c>http://127.0.0.1:10000/account</c>; null for the account's own in the public cloud.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>Key of the account, base 64: requests are signed with it. Null where there is a <see cref="SasToken"/>.</summary>
    public string? AccountKey { get; init; }

    /// <summary>A shared access signature, as in <c>sv=...&amp;sig=...</c>, that may read, write, delete and list in the container. Null where there is a key.</summary>
    public string? SasToken { get; init; }

    /// <summary>Times of requests.</summary>
    public RequestLimits Limits { get; init; } = new();

    /// <summary>Files longer than this are stored in blocks: one block that fails is then repeated, not the whole.</summary>
    public long BlocksAbove { get; init; } = 64L << 20;

    /// <summary>Length of a block; longer where a file would have more than 50,000.</summary>
    public long BlockBytes { get; init; } = 16L << 20;

    /// <summary>Blocks of one file on their way at one time.</summary>
    public int BlocksAtOnce { get; init; } = 4;

    /// <summary>Keys asked for in one page of a listing; the service gives 5000 at most.</summary>
    public int PageSize { get; init; } = 5000;

    /// <summary>Address of the container.</summary>
    internal string ContainerAddress => $"{Endpoint?.ToString().TrimEnd('/') ?? $"https://{Account}.blob.core.windows.net"}/{Container}";

    /// <summary>Where it is, for messages; without secrets.</summary>
    public override string ToString() => $"{ContainerAddress}/{Prefix}";
}
