namespace Deucalion.PromQL.TestLanguage;

/// <summary>A command that did not do what it should.</summary>
/// <param name="Line">Line of the command, from 1.</param>
/// <param name="Query">The query that ran, which may be a variant of the one in the script; empty for a load.</param>
/// <param name="Reason">What went wrong.</param>
public sealed record ScriptFailure(int Line, string Query, string Reason);

/// <summary>What came of a test script.</summary>
/// <param name="Commands">Number of commands that ran.</param>
/// <param name="Failures">At most one for each command.</param>
public sealed record ScriptResult(int Commands, IReadOnlyList<ScriptFailure> Failures);
