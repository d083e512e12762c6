namespace Deucalion.Cluster.Proof;

/// <summary>What the fake cluster does wrong once something has been broken.</summary>
public enum Misbehaviour
{
    None,

    /// <summary>Forgets some of the newest acknowledged samples of one series.</summary>
    Forgets,

    /// <summary>One node answers as it would have answered a while before.</summary>
    AnswersStale,

    /// <summary>One sample has another value than the one that was sent.</summary>
    ChangesValue,

    /// <summary>A sample that was never sent is in the answers.</summary>
    InventsSample,

    /// <summary>A series that was never sent is in the answers.</summary>
    InventsSeries,

    /// <summary>One node answers with success and without a partition that it cannot read.</summary>
    LeavesOut,

    /// <summary>One node answers 500 without a reason.</summary>
    NamesNoReason,

    /// <summary>Right requests are answered 400.</summary>
    Refuses,

    /// <summary>One partition accepts no write any more.</summary>
    NeverResumes,

    /// <summary>What cannot be written to its own partition is not written elsewhere.</summary>
    NeverReroutes,

    /// <summary>One partition accepts far less than it is offered.</summary>
    StaysSlow,

    /// <summary>One partition stays a replica short.</summary>
    NeverHeals,

    /// <summary>The replicas of one partition end with different records.</summary>
    LogsDiffer,

    /// <summary>The replicas of one partition end with the same records and different heads.</summary>
    HeadsDiffer,

    /// <summary>One push is answered 503 though nothing needs to fail.</summary>
    FailsOnePush,

    /// <summary>Some queries are answered 503 though nothing needs to fail.</summary>
    FailsSomeQueries,

    /// <summary>Replicas are moved that balance does not need elsewhere.</summary>
    MovesTooMuch,
}
