using Deucalion.PromQL.Ast;

namespace Deucalion.PromQL.Engine;

/// <summary>A parsed query that can run many times. Immutable.</summary>
/// <param name="Text">The text that annotations point into.</param>
/// <param name="Expression">Its syntax tree.</param>
public sealed record PreparedQuery(string Text, Expr Expression);
