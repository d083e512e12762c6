namespace Deucalion.Ruler.Templates;

/// <summary>A template cannot be read or expanded.</summary>
public sealed class TemplateException(string message, Exception? inner = null) : Exception(message, inner);
