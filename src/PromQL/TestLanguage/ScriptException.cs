namespace Deucalion.PromQL.TestLanguage;

/// <summary>A test script is not valid.</summary>
/// <param name="line">Where, from 1.</param>
/// <param name="message">What is wrong.</param>
public sealed class ScriptException(int line, string message) : Exception($"line {line}: {message}")
{
    /// <summary>Where, from 1.</summary>
    public int Line { get; } = line;
}
