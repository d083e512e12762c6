using System.Text.Json;

namespace Deucalion.Cluster.Checking;

/// <summary>What became of a request to the query API.</summary>
internal abstract record Answer
{
    /// <summary>The <c>data</c> of a successful answer.</summary>
    internal sealed record Data(JsonElement Json) : Answer;

    /// <summary>An answer that is an error: the whole text of it.</summary>
    internal sealed record Error(int Status, string Body) : Answer;

    /// <summary>No answer: the connection failed or the time ran out. It proves nothing.</summary>
    internal sealed record None(string Reason) : Answer;
}
