using Deucalion.Common.Labels;

namespace Deucalion.PromQL.Operators.Grouping;

/// <summary>Labels as seen by the query: with or without name, type and unit.</summary>
internal readonly record struct LabelView(Labels Labels, bool HideMetadata);
