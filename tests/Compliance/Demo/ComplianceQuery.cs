namespace Deucalion.Compliance.Demo;

/// <summary>One expanded query of the compliance suite.</summary>
public sealed record ComplianceQuery(string Query, bool ShouldFail);
