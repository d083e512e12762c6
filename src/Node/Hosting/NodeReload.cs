using Deucalion.Node.Security;

namespace Deucalion.Node.Hosting;

/// <summary>What a reload reads again: the configuration and, where there is one, the file of credentials. Each stands by itself: one that is wrong does not keep the other. Thread-safe.</summary>
internal sealed class NodeReload(ReloadableSettings settings, AccessStore? access)
{
    /// <summary>Reads both; returns null, or what is wrong.</summary>
    public string? Run()
    {
        string?[] errors = [settings.Reload(), access?.Reload()];
        var text = string.Join('\n', errors.Where(static e => e is not null));
        return text.Length == 0 ? null : text;
    }
}
