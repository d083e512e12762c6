namespace Deucalion.PromQL.Functions.Binary;

/// <summary>What a binary operator says of a pair of elements.</summary>
internal enum BinaryNote
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Custom bounds were made equal; the pair has a result.</summary>
    Reconciled,

    /// <summary>Reset hints contradict each other.</summary>
    ResetCollision,

    /// <summary>Exponential buckets met custom ones; the pair has no result.</summary>
    IncompatibleBuckets,

    /// <summary>No such operation: float with float.</summary>
    FloatFloat,

    /// <summary>No such operation: float with histogram.</summary>
    FloatHistogram,

    /// <summary>No such operation: histogram with float.</summary>
    HistogramFloat,

    /// <summary>No such operation: histogram with histogram.</summary>
    HistogramHistogram,
}
