namespace Deucalion.Storage.Tests.Blocks;

/// <summary>A directory that is gone after the test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("deucalion-test-").FullName;

    public void Dispose() => Directory.Delete(Path, true);
}
