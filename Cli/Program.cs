using OrleansDfs.Cli;

return await Application.RunAsync(args);
