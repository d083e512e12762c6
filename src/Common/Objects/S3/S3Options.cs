namespace Deucalion.Common.Objects.S3;

/// <summary>How objects are encrypted by the server.</summary>
public enum S3Encryption
{
    /// <summary>As the bucket says.</summary>
    None,

    /// <summary>With keys of the store (SSE-S3).</summary>
    Aes256,

    /// <summary>With a key of the key management service (SSE-KMS): <see cref="S3Options.KmsKeyId"/>, or the bucket's.</summary>
    Kms,
}

/// <summary>A bucket of an S3 service and how to talk to it.</summary>
public sealed record S3Options
{
    /// <summary>Region that requests are signed for where none is given: what S3-compatible stores expect.</summary>
    public const string DefaultRegion = "us-east-1";

    /// <summary>Name of the bucket; it must exist.</summary>
    public required string Bucket { get; init; }

    /// <summary>Address of an S3-compatible service, as in <c>http://127.0.0.1:7480</c>; null for AWS.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>Region of the bucket; null for <see cref="DefaultRegion"/>.</summary>
    public string? Region { get; init; }

    /// <summary>Put before every key: empty, or ending with a slash.</summary>
    public string Prefix { get; init; } = string.Empty;

    /// <summary>Access key; null for what the environment has (variables, profile, web identity, instance).</summary>
    public string? AccessKey { get; init; }

    /// <summary>Secret key that belongs to <see cref="AccessKey"/>.</summary>
    public string? SecretKey { get; init; }

    /// <summary>Whether the bucket is part of the path instead of the host name; S3-compatible stores mostly need it.</summary>
    public bool PathStyle { get; init; }

    /// <summary>Server-side encryption.</summary>
    public S3Encryption Encryption { get; init; }

    /// <summary>Key for <see cref="S3Encryption.Kms"/>; null for the bucket's.</summary>
    public string? KmsKeyId { get; init; }

    /// <summary>Longest time for one attempt of a request without its body; bodies have a second more for each <see cref="SlowestBytesPerSecond"/>.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Longest time for a request with its repetitions, likewise without its body.</summary>
    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Slower transfers are given up and repeated.</summary>
    public long SlowestBytesPerSecond { get; init; } = 1 << 20;

    /// <summary>Wait before the first repetition; it doubles up to <see cref="LongestBackoff"/>, and half of it is chance.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest wait before a repetition.</summary>
    public TimeSpan LongestBackoff { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Files longer than this are stored in parts: one part that fails is then repeated, not the whole.</summary>
    public long MultipartAbove { get; init; } = 64L << 20;

    /// <summary>Length of a part (5 MiB at least); longer where a file would have more than 10,000.</summary>
    public long PartBytes { get; init; } = 16L << 20;

    /// <summary>Parts of one file on their way at one time.</summary>
    public int PartsAtOnce { get; init; } = 4;

    /// <summary>The times as they hold for any remote store.</summary>
    internal RequestLimits Limits => new()
    {
        AttemptTimeout = AttemptTimeout,
        TotalTimeout = TotalTimeout,
        SlowestBytesPerSecond = SlowestBytesPerSecond,
        FirstBackoff = FirstBackoff,
        LongestBackoff = LongestBackoff,
    };

    /// <summary>Where it is, for messages; without secrets.</summary>
    public override string ToString() => $"s3://{Bucket}/{Prefix} at {Endpoint?.ToString().TrimEnd('/') ?? $"AWS, region {Region ?? DefaultRegion}"}";

    /// <summary>Keys asked for in one page of a listing; the service gives 1000 at most.</summary>
    public int PageSize { get; init; } = 1000;
}
