namespace Deucalion.Node.Configuration;

/// <summary>The configuration cannot be used; the message has one line for each error.</summary>
internal sealed class ConfigurationException(string message, Exception? inner) : Exception(message, inner);
