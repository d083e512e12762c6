namespace Deucalion.Common.Tenants;

/// <summary>Whose data it is. At most 150 characters of <c>a-zA-Z0-9!-_.*'()</c>, not <c>.</c> or <c>..</c>, so that it can be a path segment.</summary>
public readonly record struct TenantId
{
    /// <summary>Longest permitted name.</summary>
    public const int MaxLength = 150;

    /// <summary>The tenant of requests that name none.</summary>
    public static readonly TenantId Anonymous = new("anonymous");

    private TenantId(string value)
    {
        Value = value;
    }

    /// <summary>The name.</summary>
    public string Value { get; }

    /// <summary>Parses a name; on failure <paramref name="error"/> says what is wrong.</summary>
    public static bool TryParse(string text, out TenantId tenant, out string error)
    {
        tenant = default;
        if (text.Length == 0)
        {
            error = "tenant ID is empty";
            return false;
        }

        if (text.Length > MaxLength)
        {
            error = $"tenant ID is too long: {text.Length} characters, at most {MaxLength} are allowed";
            return false;
        }

        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && !"!-_.*'()".Contains(c))
            {
                error = $"tenant ID contains unsupported character '{c}'";
                return false;
            }
        }

        if (text is "." or "..")
        {
            error = $"tenant ID is '{text}'";
            return false;
        }

        error = string.Empty;
        tenant = new TenantId(text);
        return true;
    }

    /// <summary>The name.</summary>
    public override string ToString() => Value;
}
