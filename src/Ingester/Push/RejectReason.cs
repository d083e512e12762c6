namespace Deucalion.Ingester.Push;

/// <summary>Why a series or sample is not stored although the request as a whole is. The text is the label of the metric.</summary>
internal enum RejectReason
{
    /// <summary>No <c>__name__</c>, or an empty one.</summary>
    MissingMetricName,

    /// <summary>A label without a name, or a name that is not UTF-8.</summary>
    InvalidLabelName,

    /// <summary>A label value that is not UTF-8.</summary>
    InvalidLabelValue,

    /// <summary>Two labels of one name.</summary>
    DuplicateLabelNames,

    /// <summary>A label name longer than the limit.</summary>
    LabelNameTooLong,

    /// <summary>A label value longer than the limit.</summary>
    LabelValueTooLong,

    /// <summary>More labels than the limit.</summary>
    TooManyLabels,

    /// <summary>Further ahead of the clock than the limit.</summary>
    TooFarInFuture,

    /// <summary>Older than the newest of its series, where out-of-order samples are off.</summary>
    OutOfOrder,

    /// <summary>Older than the out-of-order window allows.</summary>
    TooOld,

    /// <summary>Another value for a time that has one.</summary>
    DuplicateTimestamp,

    /// <summary>Its series would be one more than the tenant may have.</summary>
    SeriesLimit,

    /// <summary>A native histogram that contradicts itself, or of an unknown schema.</summary>
    InvalidHistogram,

    /// <summary>A native histogram with more buckets than the limit, or than a chunk holds.</summary>
    HistogramTooLarge,

    /// <summary>A series whose labels or metadata refer to symbols that the request does not have.</summary>
    InvalidSymbols,

    /// <summary>A series without sample, histogram and exemplar, where the protocol asks for one.</summary>
    NoSamples,

    /// <summary>What a node of a later version rejected for a reason that this one does not know.</summary>
    Other,
}

/// <summary>Texts of <see cref="RejectReason"/>.</summary>
internal static class RejectReasons
{
    /// <summary>How many reasons there are.</summary>
    public const int Count = (int)RejectReason.Other + 1;

    private static readonly string[] Names =
    [
        "missing_metric_name", "label_name_invalid", "label_value_invalid", "duplicate_label_names", "label_name_too_long",
        "label_value_too_long", "too_many_labels", "too_far_in_future", "sample_out_of_order", "sample_too_old",
        "duplicate_timestamp", "series_limit", "native_histogram_invalid", "native_histogram_too_large",
        "symbol_reference_invalid", "series_without_samples", "other",
    ];

    /// <summary>The reason as metrics and messages name it.</summary>
    public static string Name(RejectReason reason) => Names[(int)reason];

    /// <summary>The reason of that name; <see cref="RejectReason.Other"/> where there is none.</summary>
    public static RejectReason Of(string name) => Array.IndexOf(Names, name) is >= 0 and var index ? (RejectReason)index : RejectReason.Other;
}
