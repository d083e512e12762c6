namespace Deucalion.Common.Objects;

/// <summary>
/// Rules for keys: segments between slashes, none of them empty, <c>.</c> or <c>..</c>; no control characters or backslashes; the first
/// segment does not begin with a dot. What passes is a relative path on any file system and a key in any bucket.
/// </summary>
public static class ObjectKey
{
    /// <summary>Longest key, in bytes, that all stores take.</summary>
    public const int MaxLength = 1000;

    /// <summary>Whether the text can be a key.</summary>
    public static bool IsValid(string key)
    {
        if (key.Length is 0 or > MaxLength || key[0] == '.')
        {
            return false;
        }

        foreach (var segment in key.AsSpan().Split('/'))
        {
            var text = key.AsSpan()[segment];
            if (text.Length == 0 || text is "." or "..")
            {
                return false;
            }

            foreach (var c in text)
            {
                if (c is < ' ' or > '~' or '\\')
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Throws <see cref="ArgumentException"/> where the text cannot be a key.</summary>
    public static void Require(string key)
    {
        if (!IsValid(key))
        {
            throw new ArgumentException($"'{key}' cannot be the key of an object", nameof(key));
        }
    }
}
