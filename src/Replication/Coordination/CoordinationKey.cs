namespace Deucalion.Replication.Coordination;

/// <summary>Rules for keys of documents and names of leases: segments of <c>a-zA-Z0-9._-</c>, not <c>.</c> or <c>..</c>, with <c>/</c> between.</summary>
internal static class CoordinationKey
{
    private const int MaxSegment = 200;

    /// <summary>Throws <see cref="ArgumentException"/> where the text is no key.</summary>
    public static void Require(string key)
    {
        foreach (var segment in key.Split('/'))
        {
            if (segment.Length is 0 or > MaxSegment || segment is "." or ".." || !segment.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'))
            {
                throw new ArgumentException($"'{key}' is no key: segments of a-zA-Z0-9._- with / between", nameof(key));
            }
        }
    }
}
