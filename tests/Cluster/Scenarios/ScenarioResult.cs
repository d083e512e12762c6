namespace Deucalion.Cluster.Scenarios;

/// <summary>What was measured in a run that passed.</summary>
internal sealed record ScenarioResult
{
    public required long AcknowledgedSamples { get; init; }

    public required int Answers { get; init; }

    /// <summary>Questions answered by an allowed error.</summary>
    public required int Errors { get; init; }

    /// <summary>Questions without an answer.</summary>
    public required int Unanswered { get; init; }

    /// <summary>Requests of senders that failed and were sent again.</summary>
    public required int FailedPushes { get; init; }

    /// <summary>Longest time from a fault until every sender was acknowledged again.</summary>
    public required TimeSpan? Resumed { get; init; }

    /// <summary>Longest time from a fault until every sender was back at nine tenths.</summary>
    public required TimeSpan? Goodput { get; init; }

    /// <summary>Longest time until all partitions were redundant again.</summary>
    public required TimeSpan? Redundant { get; init; }

    /// <summary>Samples of Prometheus that were compared, on all nodes together.</summary>
    public required long PrometheusSamples { get; init; }

    /// <summary>What the scenario itself promises, with the numbers of this run.</summary>
    public required string Kept { get; init; }
}
