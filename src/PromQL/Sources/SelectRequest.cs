using Deucalion.Common.Labels;

namespace Deucalion.PromQL.Sources;

/// <summary>What one selector needs.</summary>
public sealed record SelectRequest
{
    /// <summary>All must hold.</summary>
    public required IReadOnlyList<LabelMatcher> Matchers { get; init; }

    /// <summary>Oldest sample needed, Unix milliseconds, inclusive.</summary>
    public required long MinTime { get; init; }

    /// <summary>Newest sample needed, Unix milliseconds, inclusive.</summary>
    public required long MaxTime { get; init; }

    /// <summary>Step of the query in milliseconds, 0 for an instant query. A hint.</summary>
    public long Step { get; init; }

    /// <summary>Range of a range selector in milliseconds, 0 for an instant selector. A hint.</summary>
    public long Range { get; init; }

    /// <summary>Function or aggregation around the selector, or empty. A hint.</summary>
    public string Function { get; init; } = string.Empty;
}
