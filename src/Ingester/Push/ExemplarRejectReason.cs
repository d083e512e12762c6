namespace Deucalion.Ingester.Push;

/// <summary>Why an exemplar is dropped. It is counted and nothing else: exemplars never make a request fail. The text is the label of the metric.</summary>
internal enum ExemplarRejectReason
{
    /// <summary>Older than the newest of its series.</summary>
    OutOfOrder,

    /// <summary>Its series has no samples.</summary>
    SeriesMissing,

    /// <summary>Further ahead of the clock than the limit.</summary>
    TooFarInFuture,

    /// <summary>Its series is not stored.</summary>
    SeriesInvalid,

    /// <summary>A label without a name, a name twice, text that is not UTF-8, or a symbol that the request does not have.</summary>
    InvalidLabels,

    /// <summary>More text in names and values of its labels than OpenMetrics allows.</summary>
    LabelsTooLong,

    /// <summary>What a node of a later version dropped for a reason that this one does not know.</summary>
    Other,
}

/// <summary>Texts of <see cref="ExemplarRejectReason"/>.</summary>
internal static class ExemplarRejectReasons
{
    /// <summary>How many reasons there are.</summary>
    public const int Count = (int)ExemplarRejectReason.Other + 1;

    private static readonly string[] Names =
    [
        "exemplar_out_of_order", "exemplar_series_missing", "exemplar_too_far_in_future", "exemplar_series_invalid", "exemplar_labels_invalid",
        "exemplar_labels_too_long", "exemplar_other",
    ];

    /// <summary>The reason as metrics name it.</summary>
    public static string Name(ExemplarRejectReason reason) => Names[(int)reason];

    /// <summary>The reason of that name; <see cref="ExemplarRejectReason.Other"/> where there is none.</summary>
    public static ExemplarRejectReason Of(string name) => Array.IndexOf(Names, name) is >= 0 and var index ? (ExemplarRejectReason)index : ExemplarRejectReason.Other;
}
