using Xunit;

namespace Deucalion.Storage.Tests.Memory;

/// <summary>Tests that measure what the whole process does.</summary>
[CollectionDefinition(nameof(RunsAlone), DisableParallelization = true)]
public sealed class RunsAlone;
