using System.Text.Json;

namespace Deucalion.Cluster.Checking;

/// <summary>
/// Says whether a query may be answered by an error: it has to be one that asking again may mend (5xx), and it has to name what is missing. A 4xx
/// blames the question, which was right; an error without a reason could be anything.
/// </summary>
internal static class ErrorJudge
{
    // What a reason has to be about when the node calls the error its own.
    private static readonly string[] Named = ["partition", "block", "bucket", "store", "node", "ingester", "manifest"];

    /// <summary>What is wrong with the error, or null.</summary>
    public static string? Judge(Answer.Error error)
    {
        if (error.Status is < 500 or > 599)
        {
            return $"an answer {error.Status} to a right question: {error.Body}";
        }

        var (type, reason) = Read(error.Body);
        if (string.IsNullOrWhiteSpace(reason))
        {
            return $"an answer {error.Status} without a reason";
        }

        return type == "internal" && !Named.Any(n => reason.Contains(n, StringComparison.OrdinalIgnoreCase))
            ? $"an answer {error.Status} whose reason names nothing that is missing: {reason}"
            : null;
    }

    private static (string Type, string Reason) Read(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return (document.RootElement.GetProperty("errorType").GetString() ?? string.Empty, document.RootElement.GetProperty("error").GetString() ?? string.Empty);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // Plain text, as from the gate in front of a node that starts or stops.
            return (string.Empty, body);
        }
    }
}
