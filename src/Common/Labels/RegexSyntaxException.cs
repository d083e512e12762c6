namespace Deucalion.Common.Labels;

/// <summary>An expression is not valid RE2 syntax; the message is Go's.</summary>
public sealed class RegexSyntaxException(string message, Exception? inner) : Exception(message, inner);
