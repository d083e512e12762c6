using System.Globalization;
using System.Net;
using Deucalion.Common.Objects;

namespace Deucalion.Node.Configuration;

/// <summary>Text forms of configuration values. Parsers throw <see cref="FormatException"/> whose message says what is allowed.</summary>
internal static class ConfigValue
{
    /// <summary>Word for an option that is switched off.</summary>
    public const string Off = "off";

    // What a span of time holds.
    private const long MaxMilliseconds = long.MaxValue / TimeSpan.TicksPerMillisecond;

    private static readonly (string Unit, long Milliseconds)[] DurationUnits =
        [("y", 365L * 86_400_000), ("w", 7L * 86_400_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

    private static readonly (string Unit, long Bytes)[] SizeUnits =
        [("TiB", 1L << 40), ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10), ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1000), ("B", 1)];

    /// <summary>A duration such as <c>15s</c>, <c>1h30m</c>, <c>15d</c>; units y w d h m s ms in this order.</summary>
    public static TimeSpan Duration(string text)
    {
        long total = 0;
        var position = 0;
        var unitIndex = -1;
        while (position < text.Length)
        {
            var digits = position;
            while (position < text.Length && char.IsAsciiDigit(text[position]))
            {
                position++;
            }

            var unitStart = position;
            while (position < text.Length && char.IsAsciiLetter(text[position]))
            {
                position++;
            }

            var index = Array.FindIndex(DurationUnits, u => u.Unit == text[unitStart..position]);
            if (index <= unitIndex || !long.TryParse(text[digits..unitStart], CultureInfo.InvariantCulture, out var count) || count > long.MaxValue / 4 / DurationUnits[index].Milliseconds)
            {
                throw new FormatException("a duration such as 15s, 1h30m or 15d is allowed");
            }

            unitIndex = index;
            total += count * DurationUnits[index].Milliseconds;
        }

        return text.Length > 0 && total is >= 0 and <= MaxMilliseconds
            ? TimeSpan.FromMilliseconds(total)
            : throw new FormatException("a duration such as 15s, 1h30m or 15d is allowed");
    }

    /// <summary>A duration greater than zero.</summary>
    public static TimeSpan PositiveDuration(string text)
    {
        var duration = Duration(text);
        return duration > TimeSpan.Zero ? duration : throw new FormatException("a duration greater than zero is allowed");
    }

    /// <summary>A duration, or <c>off</c>.</summary>
    public static TimeSpan? OptionalDuration(string text)
    {
        try
        {
            return text == Off ? null : PositiveDuration(text);
        }
        catch (FormatException e)
        {
            throw new FormatException($"{e.Message}, or off", e);
        }
    }

    /// <summary>Text of a duration.</summary>
    public static string Text(TimeSpan value)
    {
        var rest = (long)value.TotalMilliseconds;
        var text = string.Empty;
        foreach (var (unit, milliseconds) in DurationUnits)
        {
            // Years and weeks read worse than days ("2w1d").
            if (unit is "y" or "w" || rest < milliseconds)
            {
                continue;
            }

            text += (rest / milliseconds).ToString(CultureInfo.InvariantCulture) + unit;
            rest %= milliseconds;
        }

        return text.Length == 0 ? "0s" : text;
    }

    /// <summary>Text of an optional duration.</summary>
    public static string Text(TimeSpan? value) => value is { } v ? Text(v) : Off;

    /// <summary>A size such as <c>512MiB</c>, <c>10GB</c> or a number of bytes.</summary>
    public static long Size(string text)
    {
        var unit = SizeUnits.FirstOrDefault(u => text.EndsWith(u.Unit, StringComparison.Ordinal), ("", 1));
        var number = text[..^unit.Item1.Length];
        return long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= long.MaxValue / unit.Item2
            ? count * unit.Item2
            : throw new FormatException("a size such as 1048576, 512MiB or 10GB is allowed");
    }

    /// <summary>A size greater than zero.</summary>
    public static long PositiveSize(string text)
    {
        var size = Size(text);
        return size > 0 ? size : throw new FormatException("a size greater than zero is allowed");
    }

    /// <summary>A size, or <c>off</c>.</summary>
    public static long? OptionalSize(string text)
    {
        try
        {
            return text == Off ? null : PositiveSize(text);
        }
        catch (FormatException e)
        {
            throw new FormatException($"{e.Message}, or off", e);
        }
    }

    /// <summary>Text of a size.</summary>
    public static string SizeText(long? value)
    {
        if (value is not { } bytes)
        {
            return Off;
        }

        var fitting = SizeUnits.Where(u => u.Unit != "B" && bytes >= u.Bytes && bytes % u.Bytes == 0).ToList();
        if (fitting.Count > 0)
        {
            var (unit, factor) = fitting.MaxBy(static u => u.Bytes);
            return (bytes / factor).ToString(CultureInfo.InvariantCulture) + unit;
        }

        return bytes.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>true or false.</summary>
    public static bool Flag(string text) => text switch
    {
        "true" => true,
        "false" => false,
        _ => throw new FormatException("true or false is allowed"),
    };

    /// <summary>Text of a flag.</summary>
    public static string Text(bool value) => value ? "true" : "false";

    /// <summary>true, false, or auto, which is null.</summary>
    public static bool? AutoFlag(string text) => text switch
    {
        "auto" => null,
        "true" => true,
        "false" => false,
        _ => throw new FormatException("auto, true or false is allowed"),
    };

    /// <summary>Text of a flag that may be auto.</summary>
    public static string AutoText(bool? value) => value is { } flag ? Text(flag) : "auto";

    /// <summary>A whole number in a range.</summary>
    public static long Number(string text, long min, long max) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
            ? value
            : throw new FormatException($"a whole number from {min} to {max} is allowed");

    /// <summary>A whole number greater than zero, or <c>off</c>.</summary>
    public static long? OptionalNumber(string text)
    {
        try
        {
            return text == Off ? null : Number(text, 1, long.MaxValue);
        }
        catch (FormatException e)
        {
            throw new FormatException($"{e.Message}, or off", e);
        }
    }

    /// <summary>Text of an optional number.</summary>
    public static string NumberText(long? value) => value is { } number ? Text(number) : Off;

    /// <summary>Text of a number.</summary>
    public static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>One of some words.</summary>
    public static T Choice<T>(string text)
        where T : struct, Enum
    {
        foreach (var value in Enum.GetValues<T>())
        {
            if (Text(value) == text)
            {
                return value;
            }
        }

        throw new FormatException($"{string.Join(", ", Enum.GetValues<T>().Select(Text))} is allowed");
    }

    /// <summary>Text of an enumerated value.</summary>
    public static string Text<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    /// <summary>Words separated by commas, each one of <paramref name="allowed"/>.</summary>
    public static IReadOnlyList<string> Words(string text, IReadOnlyCollection<string> allowed)
    {
        var words = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var bad = words.FirstOrDefault(w => !allowed.Contains(w));
        return bad is null ? words : throw new FormatException($"\"{bad}\" is none of {string.Join(", ", allowed)}");
    }

    /// <summary>An address such as <c>127.0.0.1:9009</c>, <c>[::1]:9009</c> or <c>:9009</c> (all interfaces).</summary>
    public static string Address(string text)
    {
        var colon = text.LastIndexOf(':');
        var host = text[..Math.Max(0, colon)];
        var known = host.Length == 0 || host == "localhost" || IPAddress.TryParse(host.Trim('[', ']'), out _);
        return colon >= 0 && known && ushort.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out _)
            ? text
            : throw new FormatException("an address such as 127.0.0.1:9009, [::1]:9009 or :9009 (all interfaces) is allowed");
    }

    /// <summary>The address of an HTTP service, or nothing.</summary>
    public static string Endpoint(string text) =>
        text.Length == 0 || (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri is { PathAndQuery: "/", Fragment: "", UserInfo: "" })
            ? text
            : throw new FormatException("an address such as http://minio:9000 or https://s3.example.org is allowed, without a path");

    /// <summary>The address under which people reach the node, or nothing.</summary>
    public static string ExternalUrl(string text) =>
        text.Length == 0 || (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri is { Query: "", Fragment: "", UserInfo: "" } && IsPath(uri.AbsolutePath))
            ? text
            : throw new FormatException("an address such as https://example.org or https://example.org/metrics is allowed");

    /// <summary>What paths begin with, <c>/</c>, or nothing.</summary>
    public static string RoutePrefix(string text) => text.Length == 0 || IsPath(text) ? text : throw new FormatException("a path such as /metrics is allowed, / for none");

    private static bool IsPath(string text) =>
        text == "/" || (text.StartsWith('/') && text.TrimEnd('/').Split('/').Skip(1).All(static s => s.Length > 0 && s is not ("." or "..") && s.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '~')));

    /// <summary>What may stand before keys of objects, or nothing.</summary>
    public static string KeyPrefix(string text) => text.Length == 0 || ObjectKey.IsValid(text.TrimEnd('/'))
        ? text
        : throw new FormatException("segments of printable characters with / between are allowed");

    /// <summary>A text that is not empty.</summary>
    public static string NotEmpty(string text) => text.Length > 0 ? text : throw new FormatException("a text that is not empty is allowed");

    /// <summary>Text in base 64, or nothing. The text is not repeated where it is none: it may be a secret.</summary>
    public static string Base64(string text) =>
        Convert.TryFromBase64String(text, new byte[text.Length], out _) ? text : throw new FormatException("text in base 64 is allowed");

    /// <summary>Address of an HTTP service, which may have a path, or nothing.</summary>
    public static string EndpointWithPath(string text) =>
        text.Length == 0 || (Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme is "http" or "https") && uri.Query.Length == 0 && uri.UserInfo.Length == 0)
            ? text
            : throw new FormatException("an address such as http://127.0.0.1:10000/account is allowed");

    /// <summary>What is shown in place of a secret.</summary>
    public const string Hidden = "<secret>";

    /// <summary>Where others reach this node, by IP address or by name, such as <c>node-1.metrics.example.org:9095</c>, or nothing.</summary>
    public static string ReachableAddress(string text) => text.Length == 0 || IsReachable(text)
        ? text
        : throw new FormatException("an address that others can reach, such as 10.0.0.7:9095, [fd00::7]:9095 or node-1.example.org:9095, is allowed");

    /// <summary>Whether an address names one host and a port: nobody can be reached at all interfaces, nor at a port that is yet to be chosen.</summary>
    public static bool IsReachable(string text) =>
        IsHostAndPort(text, out var host) && !(IPAddress.TryParse(host.Trim('[', ']'), out var ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any)));

    /// <summary>Addresses of servers, by IP address or by name, each with its port.</summary>
    public static IReadOnlyList<string> Servers(string text)
    {
        var servers = List(text);
        var bad = servers.FirstOrDefault(static server => !IsHostAndPort(server, out _));
        return bad is null ? servers : throw new FormatException($"host:port is allowed, such as 10.0.0.7:2379 or etcd-1.example.org:2379, not \"{bad}\"");
    }

    /// <summary>An address, or nothing.</summary>
    public static string OptionalAddress(string text) => text.Length == 0 ? text : Address(text);

    /// <summary>Durations that rise, each a multiple of the one before.</summary>
    public static IReadOnlyList<TimeSpan> RisingDurations(string text)
    {
        var durations = List(text).Select(PositiveDuration).ToList();
        if (durations.Count == 0)
        {
            throw new FormatException("at least one duration is needed");
        }

        for (var i = 1; i < durations.Count; i++)
        {
            if (durations[i] <= durations[i - 1] || durations[i].Ticks % durations[i - 1].Ticks != 0)
            {
                throw new FormatException($"{Text(durations[i])} is not a multiple of {Text(durations[i - 1])} before it");
            }
        }

        return durations;
    }

    /// <summary>Words with commas between, with or without brackets.</summary>
    public static IReadOnlyList<string> List(string text)
    {
        var words = text.Trim();

        // The first word may begin with a bracket of its own: [fd00::7]:2379.
        return (words is ['[', .., ']'] ? words[1..^1] : words).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    private static bool IsHostAndPort(string text, out string host)
    {
        var colon = text.LastIndexOf(':');
        host = text[..Math.Max(0, colon)];
        var isHost = Uri.CheckHostName(host) switch
        {
            UriHostNameType.Dns or UriHostNameType.IPv4 => true,
            UriHostNameType.IPv6 => host[0] == '[',
            _ => false,
        };
        return isHost && ushort.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0;
    }
}
