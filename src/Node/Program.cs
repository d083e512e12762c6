using Deucalion.Node.Cli;

return await CommandLine.RunAsync(args);
