namespace Deucalion.Ruler.Groups;

/// <summary>A file of rules or of their tests cannot be used; the message names line and reason.</summary>
public sealed class RuleFileException(string message, Exception? inner = null) : Exception(message, inner);
